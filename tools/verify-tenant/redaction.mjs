/** Shorter texts would match everywhere. A password that short protects nothing. */
const MIN_SECRET_LENGTH = 3;

/** Removes secrets and names of a tenant from texts. */
export class Redaction {
  /** @type {Map<string, string>} */
  #secrets = new Map();
  /** @type {Map<string, string>} */
  #names = new Map();

  /**
   * Hides a secret wherever it occurs, including in encoded form.
   *
   * @param {string} kind shown instead
   * @param {string | undefined} secret
   */
  hideSecret(kind, secret) {
    if (!secret || secret.length < MIN_SECRET_LENGTH) return;
    const base64 = Buffer.from(secret).toString('base64');
    for (const form of [secret, encodeURIComponent(secret), base64]) {
      this.#secrets.set(form, `<${kind}>`);
    }
  }

  /**
   * Hides a name or id where it is a separate word.
   *
   * @param {string} kind
   * @param {string | undefined} name
   */
  hideName(kind, name) {
    if (name) this.#names.set(name, `<${kind}>`);
  }

  /** @param {string} text */
  apply(text) {
    let hidden = text;
    for (const [secret, stand] of longestFirst(this.#secrets)) {
      hidden = hidden.replaceAll(secret, stand);
    }
    for (const [name, stand] of longestFirst(this.#names)) {
      const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      hidden = hidden.replace(new RegExp(`(?<![\\w-])${escaped}(?![\\w-])`, 'g'), () => stand);
    }
    return hidden;
  }
}

/** @param {Map<string, string>} texts */
function longestFirst(texts) {
  return [...texts].sort(([left], [right]) => right.length - left.length);
}
