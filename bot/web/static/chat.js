// The conversation: what the person does goes to the server once, however often it is sent; what comes back is appended as it came.
import { answersOf, closeQuestions, labelOf, pickOf, restore, spend } from './forms.js';
import './finder.js';

const log = document.getElementById('log');
const state = document.getElementById('state');
const composer = document.getElementById('composer');
const box = document.getElementById('say');
const words = log.dataset;
const LONGEST_PRESS = 200;

function eventId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function post(path, body) {
  const response = await fetch(`/chat/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': body instanceof Blob ? 'application/octet-stream' : 'application/json', 'X-Liaison-Token': words.token },
    body: body instanceof Blob ? body : JSON.stringify(body),
  });
  if (response.status === 401 || response.status === 403) location.reload();
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

function made(name, className, text) {
  const element = document.createElement(name);
  element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function showEnd(element) {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const top = element.getBoundingClientRect().top - log.getBoundingClientRect().top + log.scrollTop - 12;
  const end = log.scrollHeight - log.clientHeight;
  log.scrollTo({ top: Math.min(top, end), behavior: calm ? 'auto' : 'smooth' });
}

function append(key, html) {
  if (log.querySelector(`[data-key="${CSS.escape(key)}"]`)) return null;
  const template = document.createElement('template');
  template.innerHTML = html;
  const article = template.content.firstElementChild;
  log.append(article);
  return article;
}

function mine(text) {
  const bubble = made('p', 'turn mine', text);
  bubble.dir = 'auto';
  log.append(bubble);
  showEnd(bubble);
  return bubble;
}

function thinking() {
  const dots = made('p', 'thinking');
  dots.append(made('span', 'unseen', words.wordThinking), made('i', ''), made('i', ''), made('i', ''));
  const shown = setTimeout(() => { log.append(dots); showEnd(dots); }, 350);
  return () => { clearTimeout(shown); dots.remove(); };
}

let queue = Promise.resolve();

// One thing after another: two quick messages keep their order on the way, too.
function act(path, body, text, spent) {
  const bubble = mine(text);
  const sent = { event: eventId(), ...body };
  queue = queue.then(() => deliver(path, sent, bubble, spent));
}

function upload(files) {
  for (const file of files) {
    const bubble = mine(`📎 ${file.name}`);
    const path = `file?event=${eventId()}&name=${encodeURIComponent(file.name)}`;
    queue = queue.then(() => deliver(path, file, bubble, []));
  }
}

async function deliver(path, sent, bubble, spent) {
  const stop = thinking();
  try {
    const heard = await post(path, sent);
    stop();
    if (heard.language !== document.documentElement.lang) return location.reload();
    const article = append(heard.key, heard.html);
    closeQuestions(log, article);
    if (article) showEnd(bubble);
  } catch {
    stop();
    restore(spent);
    notSent(bubble, () => { queue = queue.then(() => deliver(path, sent, bubble, spent)); });
  }
}

function notSent(bubble, again) {
  const retry = made('button', 'action', words.wordAgain);
  retry.type = 'button';
  const told = made('p', 'not-sent');
  told.setAttribute('role', 'alert');
  told.append(made('span', '', words.wordFailed), retry);
  retry.addEventListener('click', () => { told.remove(); again(); });
  bubble.after(told);
  showEnd(told);
}

function fit() {
  box.style.height = 'auto';
  box.style.height = `${Math.min(box.scrollHeight + 2, 180)}px`;
}

function picked(form) {
  const { value, text } = pickOf(form);
  if (!value) return form.querySelector('input')?.focus();
  const id = form.dataset.pick + encodeURIComponent(value);
  const spent = spend(form, null);
  return id.length > LONGEST_PRESS ? act('say', { text: value }, text, spent) : act('press', { id }, text, spent);
}

async function moveClock(body) {
  const told = document.getElementById('clock-told');
  try {
    const { text } = await post('clock', body);
    document.getElementById('now').textContent = text;
    told.textContent = '';
  } catch {
    told.textContent = words.wordFailed;
  }
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.dataset.press) act('press', { id: button.dataset.press }, labelOf(button), spend(button, words.wordChosen));
  else if (button.dataset.say) act('say', { text: button.dataset.say }, labelOf(button), spend(button, words.wordChosen));
  else if (button.dataset.hours) moveClock({ hours: Number(button.dataset.hours) });
  else if (button.classList.contains('example')) { box.value = button.textContent; fit(); box.focus(); }
});

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.method === 'post') return;
  event.preventDefault();
  if (form === composer) say();
  else if (form.id === 'clock-form') { if (form.elements[0].value) moveClock({ to: form.elements[0].value }); }
  else if (form.classList.contains('pick')) picked(form);
  else if (form.classList.contains('fields')) {
    act('answers', { draft: form.dataset.draft, answers: answersOf(form) }, words.wordFilled, spend(form, null));
  }
});

function say() {
  const text = box.value.trim();
  if (!text) return;
  box.value = '';
  fit();
  act('say', { text }, text, []);
}

const chosen = document.getElementById('file');
document.getElementById('clip').addEventListener('click', () => chosen.click());
chosen.addEventListener('change', () => { upload(chosen.files); chosen.value = ''; });
log.addEventListener('dragover', (event) => event.preventDefault());
log.addEventListener('drop', (event) => { event.preventDefault(); upload(event.dataTransfer.files); });

box.addEventListener('input', fit);
box.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  say();
});

document.getElementById('language').addEventListener('change', (event) => {
  const select = event.target;
  act('press', { id: `person.language:${select.value}` }, select.selectedOptions[0].textContent, []);
});

const stream = new EventSource(`/chat/stream?after=${encodeURIComponent(words.after)}`);
stream.addEventListener('open', () => { state.hidden = true; });
stream.addEventListener('error', () => {
  if (stream.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 2000);
  state.textContent = words.wordLost;
  state.hidden = false;
});
stream.addEventListener('told', (event) => {
  const { key, html } = JSON.parse(event.data);
  const article = append(key, html);
  if (article) showEnd(article);
});
stream.addEventListener('clock', (event) => {
  document.getElementById('now').textContent = JSON.parse(event.data).text;
});
addEventListener('pagehide', () => stream.close());

const narrow = matchMedia('(max-width: 60rem)');
const fold = () => { for (const panel of document.querySelectorAll('.panel')) panel.open = !narrow.matches; };
narrow.addEventListener('change', fold);
fold();
log.scrollTop = log.scrollHeight;
log.dataset.ready = '';
if (matchMedia('(hover: hover)').matches) box.focus({ preventScroll: true });
