import { styleText } from "node:util";

/** How texts are set off from one another. */
export type Style = Readonly<Record<"bold" | "dim" | "red" | "green" | "yellow", (text: string) => string>>;

/** Whether a stream gets colours: a terminal, and no `NO_COLOR`. */
export function wantsColour(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}

/** A style with colours, or one that leaves every text as it is. */
export function createStyle(colour: boolean): Style {
  const paint =
    (format: "bold" | "dim" | "red" | "green" | "yellow") =>
    (text: string): string =>
      colour ? styleText(format, text, { validateStream: false }) : text;
  return { bold: paint("bold"), dim: paint("dim"), red: paint("red"), green: paint("green"), yellow: paint("yellow") };
}
