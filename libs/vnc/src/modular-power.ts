/** base ^ exponent mod modulus, numbers as bytes in network order; as long as the modulus. */
export function modularPower(
  base: Uint8Array,
  exponent: Uint8Array,
  modulus: Uint8Array,
): Uint8Array {
  const divisor = numberOf(modulus);
  let power = numberOf(base) % divisor;
  let result = 1n;
  for (let rest = numberOf(exponent); rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * power) % divisor;
    power = (power * power) % divisor;
  }
  return bytesOf(result, modulus.length);
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

function bytesOf(number: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = number;
  for (let at = length - 1; at >= 0; at -= 1) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}
