/** A body by its schema, or undefined; the shape that kind rules want. */
export const readBody =
  <Body>(schema: { safeParse(body: unknown): { success: boolean; data?: Body } }) =>
  (body: unknown): Body | undefined => {
    const result = schema.safeParse(body);
    return result.success ? result.data : undefined;
  };
