import { GgenError, isPackageId } from "@ggen/p2p-types";

/** Whether a text may be the local name of a publisher. @throws GgenError `usage.invalid` */
export function checkNickname(nickname: string): void {
  if (isPackageId(nickname) && nickname.length <= 64 && !nickname.startsWith("ggen1")) return;
  throw new GgenError("usage.invalid", `"${nickname.slice(0, 80)}" cannot be a nickname`, {
    expected: "1-64 characters of A-Z a-z 0-9 . _ -, not beginning with ggen1",
  });
}
