import type { Refusal } from '../../ui/refusal';
import type { Message } from '../../ui/message';
import type { DraftField, Problems } from './endpoint-draft';
import { sentenceMessage } from './endpoint-sentences';

/** The problems that the service found: by field, and those that concern no single field. */
export interface ServerProblems {
  readonly fields: Problems;
  readonly rest: Message | undefined;
}

const FIELDS =
  'name|hostname|port|protocol|credentialsType|username|password|privateKey|passphrase|publicKey|' +
  'certificate|hostKey|legacyAlgorithms|command|encoding|locale|backspace|deleteKey|homeEnd|' +
  'functionKeys|localEcho|viewOnly|shared|allowUnencryptedSignIn';

/** Sentences that begin with the name of a field. */
const FIELD_FIRST = new RegExp(`^(${FIELDS}) (?:must|is) `);

/** A semicolon between two sentences. There may also be one within a sentence. */
const SENTENCE_BREAK = new RegExp(`; (?=[A-Z]|(?:${FIELDS}) (?:must|is) )`);

/** Other sentences; more specific patterns come first. */
const FIELD_PATTERNS: readonly (readonly [RegExp, DraftField])[] = [
  [/^Protocol ".*" does not support/, 'credentialsType'],
  [/^User name must be provided/, 'username'],
  [/^(Password must be provided|Password cipher|Enter the password again)/, 'password'],
  [/^(Private key must be provided|Private key cipher)/, 'privateKey'],
  [/^Certificate must be provided/, 'certificate'],
  [/host[- ]keys?|known_hosts|^A line is marked|^There are \d+ lines/, 'hostKey'],
  [/key does not belong to the certificate/, 'certificate'],
  [/key does not belong to the public key/, 'publicKey'],
  [/certificate/, 'certificate'],
  [/private key|key-pair format/i, 'privateKey'],
  [/public key/, 'publicKey'],
];

/** Assigns the sentences of a refused write to the fields that they concern. */
export function serverProblems({ code, message }: Refusal): ServerProblems {
  switch (code) {
    case 'passphrase-needed':
      return { fields: { passphrase: message }, rest: undefined };
    case 'protocol-not-allowed':
      return { fields: { protocol: message }, rest: undefined };
    case 'invalid-endpoint':
    case 'invalid-key':
      return assignToFields(sentencesOf(message.text));
    default:
      return { fields: {}, rest: message };
  }
}

/** The sentences of a refusal that names several problems. */
export function sentencesOf(text: string): readonly string[] {
  return text.split(SENTENCE_BREAK);
}

function assignToFields(found: readonly string[]): ServerProblems {
  const fields: Problems = {};
  const rest: string[] = [];
  for (const sentence of found) {
    const field = fieldOf(sentence);
    if (field) fields[field] ??= sentenceMessage(sentence);
    else rest.push(sentence);
  }
  return { fields, rest: rest.length > 0 ? sentenceMessage(rest.join('; ')) : undefined };
}

function fieldOf(sentence: string): DraftField | undefined {
  const named = FIELD_FIRST.exec(sentence)?.[1] as DraftField | undefined;
  return named ?? FIELD_PATTERNS.find(([pattern]) => pattern.test(sentence))?.[1];
}
