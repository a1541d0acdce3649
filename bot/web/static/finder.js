// A combobox after the ARIA pattern: the list under a field, found by typing, walked with the arrow keys.

const PAUSE = 120;
const waiting = new WeakMap();

const listOf = (input) => document.getElementById(input.getAttribute('aria-controls'));
const finderOf = (input) => input.closest('.finder');

function close(input) {
  listOf(input).hidden = true;
  input.setAttribute('aria-expanded', 'false');
  input.removeAttribute('aria-activedescendant');
}

async function look(input) {
  const { draft, field } = finderOf(input).dataset;
  waiting.get(input)?.abort();
  const asked = new AbortController();
  waiting.set(input, asked);
  const query = new URLSearchParams({ draft, field, q: input.dataset.value ? '' : input.value });
  try {
    const response = await fetch(`/chat/suggest?${query}`, { signal: asked.signal });
    if (response.ok) show(input, (await response.json()).options);
  } catch {
    close(input);
  }
}

function show(input, options) {
  const finder = finderOf(input);
  const taken = new Set([...finder.querySelectorAll('.chips > li')].map((chip) => chip.dataset.value));
  const free = options.filter((option) => !taken.has(option.value));
  const list = listOf(input);
  list.replaceChildren(...free.map((option, number) => optionElement(list.id, option, number)));
  finder.querySelector('[role=status]').textContent = free.length
    ? `${document.getElementById('log').dataset.wordResults} ${free.length}`
    : finder.dataset.none;
  list.hidden = !free.length || input.disabled;
  input.setAttribute('aria-expanded', String(!list.hidden));
  input.removeAttribute('aria-activedescendant');
  if (!list.hidden) list.scrollIntoView({ block: 'nearest' });
}

function optionElement(id, option, number) {
  const element = document.createElement('li');
  element.id = `${id}-${number}`;
  element.setAttribute('role', 'option');
  element.setAttribute('aria-selected', 'false');
  element.dataset.value = option.value;
  element.dir = 'auto';
  element.textContent = option.label;
  return element;
}

function activate(input, step) {
  const options = [...listOf(input).children];
  if (!options.length) return;
  const now = options.findIndex((option) => option.id === input.getAttribute('aria-activedescendant'));
  const next = now < 0 && step < 0 ? options.length - 1 : (now + step + options.length) % options.length;
  options.forEach((option, number) => option.setAttribute('aria-selected', String(number === next)));
  options[next].scrollIntoView({ block: 'nearest' });
  input.setAttribute('aria-activedescendant', options[next].id);
}

function choose(input, option) {
  const finder = finderOf(input);
  if (finder.dataset.many === undefined) {
    input.value = option.textContent;
    input.dataset.value = option.dataset.value;
  } else {
    finder.querySelector('.chips').append(chip(finder, option));
    input.value = '';
  }
  close(input);
  input.focus();
}

function chip(finder, option) {
  const element = document.createElement('li');
  element.dataset.value = option.dataset.value;
  const label = document.createElement('span');
  label.dir = 'auto';
  label.textContent = option.textContent;
  const remove = document.createElement('button');
  remove.type = 'button';
  remove.className = 'unchip';
  remove.textContent = '×';
  remove.setAttribute('aria-label', `${finder.dataset.remove} ${option.textContent}`);
  element.append(label, remove);
  return element;
}

function onKey(event) {
  const input = event.target;
  const open = !listOf(input).hidden;
  const active = document.getElementById(input.getAttribute('aria-activedescendant') ?? '');
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    if (open) activate(input, event.key === 'ArrowDown' ? 1 : -1);
    else look(input);
  } else if (event.key === 'Enter' && open && !event.isComposing) {
    const only = listOf(input).children.length === 1 ? listOf(input).firstElementChild : null;
    if (!active && !only) return;
    event.preventDefault();
    choose(input, active ?? only);
  } else if (event.key === 'Escape' && open) {
    event.stopPropagation();
    close(input);
  } else if (event.key === 'Backspace' && !input.value) {
    finderOf(input).querySelector('.chips > li:last-child')?.remove();
  }
}

const isFinder = (element) => element instanceof HTMLInputElement && element.getAttribute('role') === 'combobox';

document.addEventListener('input', (event) => {
  const input = event.target;
  if (!isFinder(input)) return;
  delete input.dataset.value;
  clearTimeout(input.pause);
  input.pause = setTimeout(() => look(input), PAUSE);
});
document.addEventListener('keydown', (event) => isFinder(event.target) && onKey(event));
document.addEventListener('focusin', (event) => isFinder(event.target) && !event.target.value && look(event.target));
document.addEventListener('focusout', (event) => isFinder(event.target) && setTimeout(() => close(event.target), 150));
document.addEventListener('pointerdown', (event) => {
  const option = event.target.closest('.finder [role=option]');
  if (!option) return;
  event.preventDefault();
  choose(option.closest('.finder').querySelector('input'), option);
});
document.addEventListener('click', (event) => {
  const remove = event.target.closest('.unchip');
  if (!remove) return;
  const finder = remove.closest('.finder');
  remove.closest('li').remove();
  finder.querySelector('input').focus();
});
