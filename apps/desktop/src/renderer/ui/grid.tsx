import type { HTMLAttributes, Ref } from 'react';

type DivAttributes = HTMLAttributes<HTMLDivElement>;

/* Parts of an ARIA grid whose container keeps the focus and names its active row; a table cannot be virtualised. */

export function GridCell(attributes: DivAttributes) {
  // biome-ignore lint/a11y/useSemanticElements: rows are positioned freely, which table cells cannot be
  // biome-ignore lint/a11y/useFocusableInteractive: the grid keeps the focus
  return <div role="gridcell" {...attributes} />;
}

export function GridRow(attributes: DivAttributes) {
  // biome-ignore lint/a11y/useSemanticElements: rows are positioned freely, which table rows cannot be
  // biome-ignore lint/a11y/useFocusableInteractive: the grid keeps the focus
  return <div role="row" {...attributes} />;
}

export function GridHeading(attributes: DivAttributes) {
  // biome-ignore lint/a11y/useSemanticElements: belongs to the same grid
  // biome-ignore lint/a11y/useFocusableInteractive: nothing can be done with it
  return <div role="columnheader" {...attributes} />;
}

export function GridBody({ ref, ...attributes }: DivAttributes & { ref?: Ref<HTMLDivElement> }) {
  // biome-ignore lint/a11y/useSemanticElements: belongs to the same grid
  return <div role="rowgroup" ref={ref} {...attributes} />;
}
