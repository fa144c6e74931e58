// Nine hundred clients ask for the bans inside a wide network and read nothing of the answer.
import { attack } from '../lib/attack.mjs';
import { leaveListsUnread } from '../lib/control-socket.mjs';

await attack(
  'lists of the bans inside a network do not fill the memory',
  (world) => leaveListsUnread(world, '/v1/bans?within=2001:db8::/32'),
  {
    config: 'actions: [print]',
    after: false,
  },
);
