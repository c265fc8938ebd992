import { GgenError } from "@ggen/p2p-types";

/** What one field of a method's parameters may be. */
export type Field =
  | { readonly type: "string"; readonly maxLength: number; readonly optional?: true }
  | {
      readonly type: "strings";
      readonly maxItems: number;
      readonly maxLength: number;
      /** Never repeated in a message. */
      readonly secret?: true;
      readonly optional?: true;
    }
  | { readonly type: "boolean"; readonly optional?: true }
  | {
      readonly type: "number";
      readonly min: number;
      readonly max: number;
      readonly integer?: true;
      readonly optional?: true;
    }
  | { readonly type: "choice"; readonly of: readonly string[]; readonly optional?: true };

/** The fields of a method's parameters; nothing else is accepted. */
export type Shape = Readonly<Record<string, Field>>;

const describe = (field: Field): string => {
  switch (field.type) {
    case "string":
      return `a string of at most ${field.maxLength} characters`;
    case "strings":
      return `at most ${field.maxItems} strings of at most ${field.maxLength} characters`;
    case "boolean":
      return "true or false";
    case "number":
      return `${field.integer ? "an integer" : "a number"} from ${field.min} to ${field.max}`;
    default:
      return `one of ${field.of.join(", ")}`;
  }
};

const accepts = (field: Field, value: unknown): boolean => {
  switch (field.type) {
    case "string":
      return typeof value === "string" && value.length <= field.maxLength;
    case "strings":
      return (
        Array.isArray(value) &&
        value.length <= field.maxItems &&
        value.every((item) => typeof item === "string" && item.length <= field.maxLength)
      );
    case "boolean":
      return typeof value === "boolean";
    case "number":
      return (
        typeof value === "number" &&
        value >= field.min &&
        value <= field.max &&
        (!field.integer || Number.isSafeInteger(value))
      );
    default:
      return typeof value === "string" && field.of.includes(value);
  }
};

/** A value for a message; what is inside of arrays and objects is not looked at, for it may be arbitrarily deep. */
const excerpt = (value: unknown): string => {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
};

/**
 * Checks parameters that came over the socket.
 * @param method - for messages
 * @param shape - what is accepted; undefined for a method without parameters
 * @param value - parsed JSON
 * @returns the parameters, with accepted fields only
 * @throws GgenError `usage.invalid`
 */
export function checkParams(
  method: string,
  shape: Shape | undefined,
  value: unknown,
): Readonly<Record<string, unknown>> | undefined {
  if (shape === undefined && (value === undefined || value === null)) return undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new GgenError("usage.invalid", `The parameters of "${method}" are malformed`, {
      expected: "a JSON object",
      got: excerpt(value),
    });
  }
  const known = shape ?? {};
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(known, name)) {
      throw new GgenError("usage.invalid", `"${method}" takes no parameter "${name.slice(0, 80)}"`, {
        expected: Object.keys(known).join(", ") || "no parameters",
        got: name.slice(0, 80),
      });
    }
  }
  if (shape === undefined) return undefined;
  const checked: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(shape)) {
    const got = (value as Record<string, unknown>)[name];
    if (got === undefined && field.optional) continue;
    if (!accepts(field, got)) {
      throw new GgenError("usage.invalid", `The parameter "${name}" of "${method}" is not valid`, {
        expected: describe(field),
        got: "secret" in field && field.secret === true ? "something else, which is kept secret" : excerpt(got),
      });
    }
    checked[name] = got;
  }
  return checked;
}
