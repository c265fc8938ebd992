/** Three peers that exchange: the page's mark. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="8" fill="#0f6b5c"/>
<path d="M16 9 8.5 22 23.5 22Z" fill="none" stroke="#fff" stroke-width="2"/>
<circle cx="16" cy="9" r="4" fill="#fff"/><circle cx="8.5" cy="22" r="4" fill="#fff"/>
<circle cx="23.5" cy="22" r="4" fill="#fff"/>
</svg>
`;
