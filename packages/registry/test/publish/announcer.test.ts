import { expect, it } from "vitest";

import { openRegistry, packageFolder, startRegistry, until } from "../harness.ts";

it("what was published alone comes with the first comparison; only the newest of it is announced as well", async () => {
  const count = 40;
  const author = await openRegistry();
  for (let number = 0; number < count; number += 1) {
    await author.publish(await packageFolder(`io.example.alone-${number}`));
  }
  expect(author.pendingAnnouncements).toBe(count);
  await author.start();

  const other = await startRegistry();
  await other.bootstrap({ addresses: author.addresses.slice(0, 1) });
  await until(() => author.pendingAnnouncements === 0);
  await until(() => other.catalogFingerprint === author.catalogFingerprint);
  const { gossipSent } = await author.stats();
  expect(gossipSent).toBe(32);
});
