import { Enums, Models, Serialize, SPDX, Spec } from '@cyclonedx/cyclonedx-library';

/**
 * Something that an archive contains.
 *
 * @typedef {object} Part
 * @property {string} name
 * @property {string} version
 * @property {string} purl
 * @property {string | undefined} [license] an SPDX expression; Debian's are in the copyright files
 * @property {{ algorithm: 'SHA-256' | 'SHA-512', hex: string } | undefined} [hash]
 */

/**
 * A CycloneDX document in JSON. It has neither a serial number nor a time of its own, so that the
 * same archive yields the same document.
 *
 * @param {{ name: string, version: string, created: string }} product
 * @param {readonly Part[]} parts
 */
export function sbomOf({ name, version, created }, parts) {
  const root = new Models.Component(Enums.ComponentType.Application, name, {
    version,
    bomRef: name,
    licenses: licenses('Apache-2.0'),
  });
  const bom = new Models.Bom({
    metadata: new Models.Metadata({ component: root, timestamp: new Date(created) }),
  });
  const byPurl = new Map(parts.map(part => [part.purl, part]));
  for (const part of byPurl.values()) {
    const component = new Models.Component(Enums.ComponentType.Library, part.name, {
      version: part.version,
      purl: part.purl,
      bomRef: part.purl,
      licenses: part.license ? licenses(part.license) : undefined,
      hashes: part.hash
        ? new Models.HashDictionary([
            [/** @type {Enums.HashAlgorithm} */ (part.hash.algorithm), part.hash.hex],
          ])
        : undefined,
    });
    bom.components.add(component);
    root.dependencies.add(component.bomRef);
  }
  const serializer = new Serialize.JsonSerializer(
    new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6),
  );
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

/** @param {string} expression */
function licenses(expression) {
  const license = / (?:OR|AND|WITH) /.test(expression)
    ? new Models.LicenseExpression(expression)
    : SPDX.isSupportedSpdxId(expression)
      ? new Models.SpdxLicense(expression)
      : new Models.NamedLicense(expression);
  return new Models.LicenseRepository([license]);
}

/**
 * @param {import('./production-packages.mjs').ShippedPackage} one
 * @returns {Part}
 */
export function npmPart({ name, version, license, integrity }) {
  const [algorithm, digest] = (integrity ?? '').split('-');
  const hex = digest && Buffer.from(digest, 'base64').toString('hex');
  return {
    name,
    version,
    license,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    hash: algorithm === 'sha512' && hex ? { algorithm: 'SHA-512', hex } : undefined,
  };
}

/**
 * @param {import('./runtime.mjs').DebianPackage} one
 * @returns {Part}
 */
export function debianPart({ name, version, sha256 }) {
  return {
    name,
    version,
    purl: `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}`,
    hash: { algorithm: 'SHA-256', hex: sha256 },
  };
}
