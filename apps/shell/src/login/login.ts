import { afterSignIn, SignIn, type SignInForm } from './sign-in.js';
import { translate, translatePage } from './texts.js';

const form = required(document.querySelector('form'));
const error = required(form.querySelector<HTMLElement>('.error'));
const button = required(form.querySelector<HTMLButtonElement>('button[type=submit]'));
const username = required(form.querySelector<HTMLInputElement>('#username'));
const password = required(form.querySelector<HTMLInputElement>('#password'));
const signIn = new SignIn(fetch.bind(window), sessionStorage, localStorage);

translatePage(document);
// The user may already be typing.
if (document.activeElement === document.body) username.focus();
form.addEventListener('submit', event => {
  event.preventDefault();
  void submit();
});
// Before this, the browser itself would have submitted the form.
button.disabled = false;

async function submit(): Promise<void> {
  showError(undefined);
  const missing = [username, password].filter(input => !input.value.trim());
  [username, password].forEach(input =>
    input.setAttribute('aria-invalid', String(missing.includes(input))),
  );
  if (missing[0]) {
    showError(missing.length === 2 ? 'Enter your username and password.' : missingText(missing[0]));
    missing[0].focus();
    return;
  }
  button.disabled = true;
  button.textContent = translate('Signing in…');
  const outcome = await signIn.with(
    Object.fromEntries(new FormData(form)) as unknown as SignInForm,
  );
  if (outcome === undefined) {
    const wanted = sessionStorage.getItem('c8yRedirectAfterLoginPath');
    sessionStorage.removeItem('c8yRedirectAfterLoginPath');
    location.assign(afterSignIn(wanted));
    return;
  }
  button.disabled = false;
  button.textContent = translate('Sign in');
  showError(outcome);
  password.select();
}

function missingText(input: HTMLInputElement): string {
  return input === username ? 'Enter your username.' : 'Enter your password.';
}

function showError(text: string | undefined): void {
  error.textContent = translate(text ?? '');
  error.hidden = text === undefined;
}

function required<Element>(element: Element | null): Element {
  if (!element) throw new Error('The sign-in page lacks an element it needs.');
  return element;
}
