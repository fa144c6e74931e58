// The filters of the package in compiled form. The build replaces this file in the bundle (rolldown.config.mjs), so that the bundle never has
// filters from another version of the compiler.

/** Each filter as text in JSON (see freeze), under the SHA-256 of the text of its file. */
export const SHIPPED: Readonly<Record<string, string>> = {};
