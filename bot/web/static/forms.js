// What the person chose or filled in, as plain values; and how questions that are over look.

export function labelOf(button) {
  return button.textContent.trim();
}

// Everything that belongs together is used up together; what was disabled is given back, so that it can be enabled again.
export function spend(element, chosen) {
  const whole = element.closest('[data-spend]') ?? element;
  const spent = [...whole.querySelectorAll('button, input, select, textarea, fieldset')].filter((one) => !one.disabled);
  for (const one of spent) one.disabled = true;
  if (chosen && element.matches('button')) {
    element.classList.add('chosen');
    const told = document.createElement('span');
    told.className = 'unseen';
    told.textContent = ` ${chosen}`;
    element.append(told);
  }
  return spent;
}

export function restore(spent) {
  for (const one of spent) {
    one.disabled = false;
    one.classList.remove('chosen');
    one.querySelector(':scope > .unseen')?.remove();
  }
}

// A turn was answered: whatever was asked before it is over.
export function closeQuestions(log, latest) {
  for (const question of log.querySelectorAll('[data-question]:not(.over)')) {
    if (latest?.contains(question)) continue;
    question.classList.add('over');
    for (const one of question.querySelectorAll('button, input, select, textarea, fieldset')) one.disabled = true;
  }
}

function chips(finder) {
  return [...finder.querySelectorAll('.chips > li')];
}

function text(element) {
  return element.textContent.trim();
}

function dayOf(input) {
  const day = new Date(`${input.value}T12:00:00Z`);
  return new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'long', timeZone: 'UTC' }).format(day);
}

// {value, text} of a small form: what is sent, and what the person sees themselves saying.
export function pickOf(form) {
  const day = form.querySelector('[name=day]');
  if (day) {
    const hour = form.querySelector('[name=hour]')?.value ?? '';
    return day.value ? { value: `${day.value} ${hour}`.trim(), text: `${dayOf(day)} ${hour}`.trim() } : { value: '' };
  }
  const finder = form.querySelector('.finder');
  if (finder) return foundOf(finder);
  const boxes = [...form.querySelectorAll('input:checked')];
  return { value: boxes.map((box) => box.value).join('; '), text: boxes.map((box) => text(box.closest('label'))).join(', ') };
}

function foundOf(finder) {
  const input = finder.querySelector('input');
  const typed = input.value.trim();
  if (finder.dataset.many === undefined) return { value: input.dataset.value || typed, text: typed };
  const chosen = chips(finder);
  const values = [...chosen.map((chip) => chip.dataset.value), ...(typed ? [typed] : [])];
  const labels = [...chosen.map((chip) => text(chip.firstElementChild)), ...(typed ? [typed] : [])];
  return { value: values.join('; '), text: labels.join(', ') };
}

// The answers of a whole form by field, as its widgets give them.
export function answersOf(form) {
  const answers = {};
  for (const field of form.querySelectorAll('.field')) answers[field.dataset.name] = answerOf(field);
  return answers;
}

function answerOf(field) {
  const finder = field.querySelector('.finder');
  if (finder && finder.dataset.many !== undefined) return chips(finder).map((chip) => chip.dataset.value);
  if (finder) return foundOf(finder).value || null;
  if (field.dataset.kind === 'choices') return [...field.querySelectorAll('input:checked')].map((box) => box.value);
  if (field.dataset.kind === 'yes_no') {
    const chosen = field.querySelector('input:checked');
    return chosen ? chosen.value === 'yes' : null;
  }
  return field.querySelector('input, select, textarea').value || null;
}
