import { Flags } from "@oclif/core";
import { GgenError } from "@ggen/p2p-types";

/** A flag that may be repeated or hold several values separated by commas. */
export const listFlag = Flags.custom({ multiple: true, multipleNonGreedy: true, delimiter: "," });

/** A score: a number from 0 to 1. */
export const scoreFlag = Flags.custom<number>({
  parse: (text) => {
    const score = Number(text);
    if (text.trim() === "" || !(score >= 0 && score <= 1)) {
      throw new GgenError("usage.invalid", "The reputation is not valid", {
        expected: "a number from 0 to 1",
        got: JSON.stringify(text.slice(0, 40)),
      });
    }
    return Promise.resolve(score);
  },
});
