// Brings the figures of the open page up to date: fetches the page again and puts its new figures in the place of the old.
(() => {
  'use strict';
  const every = Number(document.body.dataset.refresh);
  const status = document.getElementById('status');
  const pause = document.getElementById('pause');
  let isPaused = false;
  let isFailing = false;

  const say = (text) => {
    if (status.textContent !== text) {
      status.textContent = text;
    }
  };

  const replace = (fresh) => {
    const old = document.getElementById('report');
    const open = [...old.querySelectorAll('details[open]')].map((details) => details.id);
    const focused = old.contains(document.activeElement);
    const focusedId = focused && document.activeElement.closest('[id]') ? document.activeElement.closest('[id]').id : null;
    old.replaceChildren(...document.adoptNode(fresh).childNodes);
    for (const id of open) {
      document.getElementById(id)?.setAttribute('open', '');
    }
    if (focusedId) {
      const again = document.getElementById(focusedId);
      (again?.querySelector('summary') ?? again)?.focus({ preventScroll: true });
    }
  };

  const refresh = async () => {
    if (isPaused || document.hidden) {
      return;
    }
    try {
      const answer = await fetch(location.href, { credentials: 'same-origin', cache: 'no-store', redirect: 'error', signal: AbortSignal.timeout(15000) });
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.getElementById('report');
      if (!fresh) {
        throw new Error('no report');
      }
      replace(fresh);
      isFailing = false;
      say('');
    } catch {
      if (!isFailing) {
        isFailing = true;
        say('Updates fail; trying again.');
      }
    }
  };

  pause.hidden = false;
  pause.addEventListener('click', () => {
    isPaused = !isPaused;
    pause.textContent = isPaused ? 'Resume updates' : 'Pause updates';
    say(isPaused ? 'Updates are paused.' : '');
    refresh();
  });
  document.addEventListener('visibilitychange', refresh);
  // One after the other, so that a slow answer is not asked for twice.
  const next = () => setTimeout(() => refresh().finally(next), every);
  next();
})();
