// Removes the network namespaces of tests, and kills the programs that still run in them.
import { execFileSync } from 'node:child_process';

/**
 * Kills the programs in a namespace, such as the `nft monitor` of a killed daemon, and removes the namespace. With a running program, the
 * namespace would continue to exist without a name. Hundreds of such namespaces slow down every program that uses the network.
 */
export function removeNamespace(name) {
  const pids = execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).split('\n').filter(Boolean).map(Number);
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (thrown) {
      // The program has ended in the meantime.
      if (thrown.code !== 'ESRCH') throw thrown;
    }
  }
  execFileSync('ip', ['netns', 'del', name]);
}
