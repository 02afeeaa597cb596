// How files of the search index are read: compressed bytes, names, numbers. The format: docs/search.md.

/** A file of the index is not there any more: a newer release has taken its place. */
export class IndexGone extends Error {}

/** A file of the index is not what its name says. */
export class IndexBroken extends Error {}

export const NAME = 6; // bytes of a file's name

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Bytes as text; broken ones throw. */
export const decode = (bytes) => utf8.decode(bytes);

/** Fetch a file of the index, by address. */
export async function fetchFile(address, cache) {
  const response = await fetch(address, { cache, credentials: "omit" });
  if (response.status === 404 || response.status === 410) {
    throw new IndexGone("a file of the index is gone");
  }
  if (!response.ok) {
    throw new Error(`the index answered ${response.status}`);
  }
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * Unpack a file. `name`, if given, is the beginning of the hash of what is in it, and is verified where that can be: by
 * https or on this machine. Some hosts have the browser unpack a .gz by itself; such a body is taken where it can be verified.
 */
export async function unpack(bytes, name) {
  let body = bytes;
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isPacked && name && !globalThis.crypto?.subtle) {
    throw new IndexBroken("a file of the index is not packed");
  }
  if (isPacked) {
    try {
      const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      body = new Uint8Array(await new Response(plain).arrayBuffer());
    } catch {
      throw new IndexBroken("a file of the index cannot be unpacked");
    }
  }
  if (name && globalThis.crypto?.subtle) {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
    if (hexOf(hash, 0) !== name) {
      throw new IndexBroken("a file of the index is not what its name says");
    }
  }
  return body;
}

/** The file name that stands at a place in bytes. */
export function hexOf(bytes, at) {
  if (at + NAME > bytes.length) {
    throw new IndexBroken("a name is missing");
  }
  return [...bytes.subarray(at, at + NAME)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Reads varints: seven bits a byte, low ones first. */
export class Numbers {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  next() {
    let [value, scale, byte] = [0, 1, 128];
    while (byte >= 128) {
      byte = this.bytes[this.at++];
      if (byte === undefined || scale > 2 ** 49) {
        throw new IndexBroken("a number is cut off");
      }
      value += (byte & 127) * scale;
      scale *= 128;
    }
    return value;
  }

  /** Several numbers, each of which may take the one before into account. */
  take(count, step = (number) => number) {
    if (count > this.bytes.length) {
      throw new IndexBroken("too few bytes");
    }
    let last = 0;
    return Array.from({ length: count }, () => (last = step(this.next(), last)));
  }
}
