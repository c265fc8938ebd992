import type { ErrorAnswer } from "../http/gateway-error.ts";
import { html, type Html } from "./html.ts";
import { layout } from "./layout.ts";
import { packageUrl } from "./link.ts";

const titles: Readonly<Record<number, string>> = {
  400: "That address is not valid",
  404: "Not found",
  409: "Disputed",
  410: "Withdrawn",
  503: "Not yet",
};

/** The page that a browser gets instead of an error's JSON. */
export function errorPage(answer: ErrorAnswer): Html {
  const { status, body } = answer;
  const { error, claimants = [] } = body;
  const { id } = answer.error.data;
  const title = titles[status] ?? "That did not work";
  const choices =
    typeof id !== "string" || claimants.length === 0
      ? undefined
      : html`<ul class="plain">
          ${claimants.map(
            ({ publisher, latest }) =>
              html`<li><a class="mono" href="${packageUrl(id, publisher)}">${publisher}</a> newest ${latest}</li>`,
          )}
        </ul>`;
  return layout(
    `${title} – ggen marketplace`,
    "",
    html`<h1>${title}</h1>
      <p><bdi>${error.message}</bdi></p>
      <p class="note"><bdi>${error.hint}</bdi></p>
      ${choices}
      <p class="facts"><span>${String(status)} ${error.code}</span></p>`,
  );
}
