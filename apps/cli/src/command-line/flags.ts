import { Errors, Flags } from "@oclif/core";

/** A flag that may be repeated or hold several values separated by commas. */
export const listFlag = Flags.custom({ multiple: true, multipleNonGreedy: true, delimiter: "," });

/** A score: a number from 0 to 1. */
export const scoreFlag = Flags.custom<number>({
  parse: (text) => {
    const score = Number(text);
    if (text.trim() === "" || !(score >= 0 && score <= 1)) {
      throw new Errors.CLIError(`Expected a number from 0 to 1 but received: ${text.slice(0, 40)}`);
    }
    return Promise.resolve(score);
  },
});

const maxReason = 500;

/** A reason as a record holds it: what is longer is refused, not cut. */
export const reasonFlag = Flags.custom({
  parse: (text) => {
    if (text.length > maxReason) {
      throw new Errors.CLIError(`Expected at most ${maxReason} characters but received: ${text.length} characters`);
    }
    return Promise.resolve(text);
  },
});
