import { expect, it } from "vitest";

import { createLookAlikeBook } from "../../src/resolve/look-alike-book.ts";
import { copyRecords, openRegistry, closedHome, temporaryFolder } from "../authority/world.ts";

const nobody = { trusted: () => new Set<string>(), packagesOf: () => [] };

it("warns at search, info and install of an id like one whose publisher is trusted, and of no other", async () => {
  const [known, thief, honest] = await Promise.all([
    closedHome("io.example.payments"),
    closedHome("io.example.payrnents"),
    closedHome("io.example.invoices"),
  ]);
  const home = await temporaryFolder();
  for (const other of [known, thief, honest]) await copyRecords(other.home, home, other.publisher);
  const user = await openRegistry({}, home);
  const target = await temporaryFolder();
  const install = async (ref: string): Promise<readonly string[]> =>
    (await user.install({ ref, target, dryRun: true })).warnings.filter((text) => text.includes("looks like"));
  const named = `${thief.publisher}/io.example.payrnents`;
  expect(await install(named)).toEqual([]);

  await user.publishers.trust({ publisher: known.publisher, trusted: true });
  const warning =
    `io.example.payrnents of ${thief.publisher} looks like io.example.payments, whose publisher you trust: ` +
    "they differ only in characters that look alike, so make sure which one you mean";
  expect(await install(named)).toEqual([warning]);
  expect((await user.info({ ref: named })).warnings).toEqual([warning]);
  expect((await user.searchPage({})).warnings).toEqual([warning]);
  expect(await install(`${honest.publisher}/io.example.invoices`)).toEqual([]);
  expect((await user.info({ ref: "io.example.payments" })).warnings).toBeUndefined();
});

it("warns of what is like an installed one once, and no more when the user has installed both", () => {
  const book = createLookAlikeBook(nobody);
  const mine = { id: "io.example.payments", publisher: "ggen1mine" };
  const other = { id: "io.example.payment", publisher: "ggen1other" };
  expect(book.warnings([other], [mine])).toHaveLength(1);
  expect(book.warnings([other], [mine, other])).toEqual([]);
  expect(book.warnings([{ ...other, publisher: mine.publisher }], [mine])).toEqual([]);
});

it("warns of what is like a popular one, never of the more popular of two", () => {
  const book = createLookAlikeBook(nobody);
  const popular = { id: "requests", publisher: "ggen1a" };
  const squat = { id: "reqeusts", publisher: "ggen1b" };
  book.note(popular, 2);
  expect(book.warnings([squat], [])).toEqual([]);
  book.note(popular, 8);
  book.note(squat, 3);
  expect(book.warnings([squat, popular], [])).toEqual([
    "reqeusts of ggen1b looks like requests, which 8 peers hold: they differ by one letter, so make sure which one you mean",
  ]);
  for (let place = 0; place < 1000; place++) book.note({ id: `id-${place}`, publisher: "ggen1c" }, 9);
  expect(book.warnings([squat], [])).toEqual([]);
});
