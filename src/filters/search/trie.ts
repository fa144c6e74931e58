// Compares bytes with many texts at a time, byte by byte. Texts with an equal beginning share the comparison of this beginning.

interface Node {
  /** The nodes for the next byte. */
  readonly next: Map<number, Node>;
  /** The indices of the texts that end with this byte. */
  readonly ends: number[];
}

const newNode = (): Node => ({ next: new Map(), ends: [] });

/** A tree of the bytes of texts. */
export class Trie {
  readonly #root = newNode();

  /** One text may occur several times. */
  constructor(texts: readonly Buffer[]) {
    for (const [index, text] of texts.entries()) {
      let node = this.#root;
      for (const byte of text) {
        const next = node.next.get(byte) ?? newNode();
        node.next.set(byte, next);
        node = next;
      }
      node.ends.push(index);
    }
  }

  /** Returns the indices of the texts that begin at an offset, the shortest text first. It ends at the first byte that no text has there. */
  textsAt(bytes: Buffer, start: number): readonly number[] {
    const found: number[] = [];
    let node = this.#root.next.get(bytes[start] ?? -1);
    for (let at = start + 1; node; at += 1) {
      for (const index of node.ends) found.push(index);
      node = node.next.get(bytes[at] ?? -1);
    }
    return found;
  }
}
