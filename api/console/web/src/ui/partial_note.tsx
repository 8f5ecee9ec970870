// Which regions have not answered, so that a page lacks what they know.
const listed = new Intl.ListFormat('en');

export const PartialNote = ({ away }: { away: string[] | undefined }) =>
  away && away.length > 0 ? (
    <p class="note warn" role="status">
      No answer from {listed.format(away)}: what only nodes there know is missing here.
    </p>
  ) : null;
