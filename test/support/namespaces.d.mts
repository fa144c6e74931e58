// The types of namespaces.mjs.
/** Kills the programs in a network namespace, and removes the namespace. Throws when there is no namespace of this name. */
export function removeNamespace(name: string): void;
