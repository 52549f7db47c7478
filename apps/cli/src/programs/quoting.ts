/** Quotes a word for a POSIX shell, if necessary. */
export function shellQuote(text: string): string {
  return /^[\w@:./=-]+$/.test(text) && !text.startsWith('-')
    ? text
    : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The value of ssh's `ProxyCommand`: ssh expands `%` and hands the rest to a shell. */
export function proxyCommandLine(words: readonly string[]): string {
  const quote = process.platform === 'win32' ? windowsQuote : shellQuote;
  return words.map(word => quote(word).replaceAll('%', '%%')).join(' ');
}

function windowsQuote(text: string): string {
  return `"${text.replaceAll('"', '')}"`;
}
