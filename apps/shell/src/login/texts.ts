/** The texts of the sign-in page in German, keyed by their English originals. */
const GERMAN: Readonly<Record<string, string>> = {
  'Sign in': 'Anmelden',
  'Device Management and Administration, local stack. The password was printed when it started.':
    'Device Management und Administration, lokale Plattform. Das Passwort wurde beim Start ausgegeben.',
  Username: 'Benutzername',
  Password: 'Passwort',
  'More options': 'Weitere Optionen',
  'Tenant ID': 'Mandanten-ID',
  '(optional)': '(optional)',
  'Sign-in type': 'Art der Anmeldung',
  Cookie: 'Cookie',
  'for this browser, not readable by scripts': 'für diesen Browser, für Skripte nicht lesbar',
  Basic: 'Basic',
  'kept in this tab until it is closed': 'bleibt in diesem Tab, bis er geschlossen wird',
  'This page needs JavaScript.': 'Diese Seite benötigt JavaScript.',
  'Signing in…': 'Anmeldung läuft…',
  'Enter your username and password.': 'Geben Sie Benutzernamen und Passwort ein.',
  'Enter your username.': 'Geben Sie Ihren Benutzernamen ein.',
  'Enter your password.': 'Geben Sie Ihr Passwort ein.',
  'Cumulocity cannot be reached. Check the connection and try again.':
    'Cumulocity ist nicht erreichbar. Prüfen Sie die Verbindung und versuchen Sie es erneut.',
  'This user needs two-factor authentication, which this page does not support.':
    'Dieser Benutzer benötigt eine Zwei-Faktor-Anmeldung. Diese Seite unterstützt sie nicht.',
  'The username, password or tenant is wrong.': 'Benutzername, Passwort oder Mandant sind falsch.',
  'This user is not allowed to sign in. Ask your administrator.':
    'Dieser Benutzer darf sich nicht anmelden. Fragen Sie Ihren Administrator.',
  'This sign-in type is not available. Choose another one under More options.':
    'Diese Art der Anmeldung ist nicht verfügbar. Wählen Sie unter „Weitere Optionen“ eine andere.',
  'Too many attempts. Wait a moment and try again.':
    'Zu viele Versuche. Warten Sie einen Moment und versuchen Sie es erneut.',
  'Cumulocity answered with an error. Try again later.':
    'Cumulocity hat mit einem Fehler geantwortet. Versuchen Sie es später erneut.',
};

/** Whether the first of the user's languages that the product supports is German. */
function isGerman(languages: readonly string[]): boolean {
  const known = languages.map(language => language.slice(0, 2).toLowerCase());
  return known.find(language => language === 'de' || language === 'en') === 'de';
}

/** A text of this page in the user's language. */
export function translate(text: string, languages = navigator.languages): string {
  return isGerman(languages) ? (GERMAN[text] ?? text) : text;
}

/** Translates the texts of the page before the user interacts with it. */
export function translatePage(page: Document, languages = navigator.languages): void {
  if (!isGerman(languages)) return;
  page.documentElement.lang = 'de';
  page.title = translate(page.title, languages);
  const nodes = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    const node = nodes.currentNode as Text;
    const text = node.data.replace(/\s+/g, ' ').trim();
    // The spaces separate it from its neighbours.
    if (text) node.data = ` ${translate(text, languages)} `;
  }
}
