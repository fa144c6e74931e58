// Nine hundred clients ask for a long list of bans and read nothing of it.
import { attack } from '../lib/attack.mjs';
import { leaveListsUnread } from '../lib/control-socket.mjs';

await attack('lists that nobody reads do not fill the memory', (world) => leaveListsUnread(world, '/v1/bans'), {
  config: 'actions: [print]',
  after: false,
});
