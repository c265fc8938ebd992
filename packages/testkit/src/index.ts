/**
 * What tests share: which capabilities this machine has, a fleet of real ggen processes, a TCP proxy that misbehaves.
 *
 * @packageDocumentation
 */
export {};
