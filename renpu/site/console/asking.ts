// Questions that are asked only after certain answers, and drafts kept on the device until they are sent. Pages work
// without any of it.

/** Shows what is asked and hides the rest: `data-when="D9:2,3"` on a question, its answers named `prefix-D9`. */
export function follow(root: ParentNode): void {
  const questions = [...root.querySelectorAll<HTMLElement>('[data-when]')]
  const update = (): void => {
    for (const question of questions) {
      const [item = '', values = ''] = (question.dataset.when ?? '').split(':')
      const name = `${question.dataset.prefix ?? ''}-${item}`
      const form = question.closest('form')
      const given = form ? String(new FormData(form).get(name) ?? '') : ''
      question.hidden = !values.split(',').includes(given)
    }
  }
  root.addEventListener('input', update)
  update()
}

type Draft = Record<string, string>

/** What was typed, without the token and the hidden fields of the page. */
function typed(form: HTMLFormElement): Draft {
  const draft: Draft = {}
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string' && name.startsWith('me-')) draft[name] = value
  }
  return draft
}

/** Keeps a form's answers under `data-draft` on this device, and puts them back into a form that is still empty. */
export function keepDraft(form: HTMLFormElement, store: Storage): void {
  const key = form.dataset.draft ?? ''
  const forget = form.querySelector<HTMLElement>('[data-forget]')
  const there = store.getItem(key)
  if (there && !Object.values(typed(form)).some(Boolean)) fill(form, JSON.parse(there) as Draft)
  if (forget) {
    forget.hidden = there === null
    forget.addEventListener('click', () => {
      store.removeItem(key)
      form.reset()
      forget.hidden = true
    })
  }
  form.addEventListener('input', () => {
    store.setItem(key, JSON.stringify(typed(form)))
    if (forget) forget.hidden = false
  })
}

function fill(form: HTMLFormElement, draft: Draft): void {
  for (const field of form.elements) {
    if (field instanceof HTMLInputElement && field.type === 'radio') field.checked = draft[field.name] === field.value
    else if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) {
      if (field.name in draft) field.value = draft[field.name] ?? ''
    }
  }
}

/** "Reached" goes on to the first question, for thumb and keyboard alike. */
function toQuestions(link: HTMLAnchorElement): void {
  link.addEventListener('click', () => {
    setTimeout(() => document.querySelector<HTMLElement>('#ask select, #ask input:not([type=hidden])')?.focus())
  })
}

/** The code of a QR code comes behind `#`, so that it is in no log of a server. */
function codeFromAddress(form: HTMLFormElement): void {
  const code = new URLSearchParams(location.hash.slice(1)).get('code')
  const field = form.querySelector<HTMLInputElement>('[name=code]')
  if (code && field && /^\d{12}$/.test(code)) {
    field.value = code
    history.replaceState(null, '', location.pathname)
  }
}

export function begin(): void {
  if (document.querySelector('[data-when]')) {
    const root = document.querySelector<HTMLElement>('main')
    const form = document.querySelector<HTMLFormElement>('form[data-draft]')
    if (form) keepDraft(form, localStorage)
    if (root) follow(root)
  }
  const sent = document.querySelector<HTMLElement>('[data-sent]')?.dataset.sent
  if (sent) localStorage.removeItem(sent)
  const reached = document.querySelector<HTMLAnchorElement>('a[href="#ask"]')
  if (reached) toQuestions(reached)
  const code = document.querySelector<HTMLFormElement>('form[data-code]')
  if (code) codeFromAddress(code)
}
