// Memory for large reads. On AMD processors the kernel copies a file 1.4 times (Zen 4) to 3.7 times slower (Zen 3) when the target begins 16 bytes into
// a page of memory. `Buffer.allocUnsafeSlow` usually gives such memory for a size of 128 KiB or more: malloc(3) takes whole pages for it, and
// puts a header of 16 bytes into the first page. bench/pages.mjs measures the difference.

/** The unit in which WebAssembly gives memory, in bytes. */
const UNIT = 65_536;

/**
 * Returns zeroed memory of `size` bytes that begins at a page. WebAssembly gives such memory on every system. The memory takes 10 GiB of address
 * space beside its `size`: where there is a limit on address space (`ulimit -v`), or no WebAssembly (`node --jitless`), it may begin anywhere.
 */
export function wholePages(size: number): Buffer {
  try {
    return Buffer.from(new WebAssembly.Memory({ initial: Math.ceil(size / UNIT) }).buffer, 0, size);
  } catch {
    return Buffer.alloc(size);
  }
}
