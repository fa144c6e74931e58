// Keeps the allow-list up to date with its files and the machine's addresses, and lifts the bans of added addresses.
import type { Millis } from '../../words/ports.ts';
import type { Part } from '../house.ts';
import { every } from './every.ts';

/** The poll interval for changes: a poll costs a few calls of stat(2). */
const INTERVAL: Millis = 2_000;

/** Follows the allow-list. */
export const allowListPart: Part = {
  name: 'allow-list',
  async start({ exemption, log }) {
    return every(INTERVAL, log, () => exemption.look());
  },
  async reload({ exemption }) {
    return () => exemption.lift();
  },
};
