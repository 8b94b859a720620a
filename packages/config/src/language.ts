/** The two languages of the product. Light: no schema comes with it. */

/** A text in both languages. */
export interface Text {
  readonly en: string;
  readonly ru: string;
}

export type Language = keyof Text;
