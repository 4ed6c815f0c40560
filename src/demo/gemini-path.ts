/** A model's name as it stands in a path; as it is where it is no valid escape. */
export function modelIn(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
