/** Every list: `total` counts all rows, `next` is the cursor of the following page or null. */
export interface List<Item> {
  items: Item[];
  total: number;
  next: string | null;
}

/** Every error. */
export interface ErrorAnswer {
  error: {
    code: string;
    message: string;
    details?: { path: string; message: string; line?: number; column?: number }[];
  };
  requestId: string;
}
