/**
 * A file, folder or link of an archive.
 *
 * @typedef {object} TarEntry
 * @property {string} path without a leading slash
 * @property {'file' | 'folder' | 'link'} type
 * @property {number} [mode] default: 0755 for folders, 0644 for files
 * @property {Uint8Array} [data] of a file
 * @property {string} [target] of a symbolic link
 * @property {Readonly<Record<string, Uint8Array>>} [xattrs] extended attributes
 */

const BLOCK = 512;

/** `typeflag` of POSIX.1-1988 (ustar). */
const TYPE_FLAGS = { file: '0', link: '2', folder: '5' };

const DEFAULT_MODES = { file: 0o644, link: 0o777, folder: 0o755 };

/**
 * Writes a tar archive (POSIX.1-2001, pax). The same entries yield the same bytes: everything
 * belongs to root and was changed in 1970.
 *
 * @param {readonly TarEntry[]} entries folders before their contents
 * @returns {Buffer}
 */
export function tarOf(entries) {
  const parts = entries.flatMap(entry => {
    const records = paxRecords(entry);
    const data = entry.data ?? new Uint8Array();
    return [
      ...(records.length > 0 ? [header('pax', 'x', 0o644, records.length), padded(records)] : []),
      header(entry.path, TYPE_FLAGS[entry.type], modeOf(entry), data.length, entry.target),
      ...(data.length > 0 ? [padded(data)] : []),
    ];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** @param {TarEntry} entry */
function modeOf({ mode, type }) {
  return mode ?? DEFAULT_MODES[type];
}

/**
 * What does not fit into a ustar header: long paths and extended attributes.
 *
 * @param {TarEntry} entry
 */
function paxRecords({ path, target = '', xattrs = {} }) {
  const records = [
    ...(Buffer.byteLength(path) > 100 ? [record('path', Buffer.from(path))] : []),
    ...(Buffer.byteLength(target) > 100 ? [record('linkpath', Buffer.from(target))] : []),
    ...Object.entries(xattrs).map(([name, value]) => record(`SCHILY.xattr.${name}`, value)),
  ];
  return Buffer.concat(records);
}

/**
 * `LENGTH NAME=VALUE\n`, where the length counts itself.
 *
 * @param {string} name
 * @param {Uint8Array} value
 */
function record(name, value) {
  const rest = Buffer.concat([Buffer.from(` ${name}=`), value, Buffer.from('\n')]);
  let length = rest.length + String(rest.length).length;
  length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/**
 * @param {string} path
 * @param {string} type
 * @param {number} mode
 * @param {number} size
 * @param {string} [target]
 */
function header(path, type, mode, size, target = '') {
  const block = Buffer.alloc(BLOCK);
  block.write(path, 0, 100);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.fill(' ', 148, 156);
  block.write(type, 156);
  block.write(target, 157, 100);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

/**
 * @param {number} value
 * @param {number} digits
 */
function octal(value, digits) {
  return value.toString(8).padStart(digits, '0');
}

/** @param {Uint8Array} data */
function padded(data) {
  return Buffer.concat([data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)]);
}
