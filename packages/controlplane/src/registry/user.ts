/** Who asks, as authentication found out. */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  /** Further facts about the user, by key, as in SubjectAccessReviews. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}
