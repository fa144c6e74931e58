// The part of WebAssembly that src/lib/files/pages.ts uses. The types of Node do not have it.
declare namespace WebAssembly {
  class Memory {
    /** `initial`: the size in units of 65,536 bytes. Throws RangeError when the system gives no memory. */
    constructor(descriptor: { readonly initial: number });
    readonly buffer: ArrayBuffer;
  }
}
