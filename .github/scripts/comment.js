// Keeps one comment on a pull request: edits the one that begins with the marker, or makes it.
// Where the token may only read, as for a pull request from a fork, the text goes to the job's summary.
const MARKER = "<!-- tenantmesh -->";

async function write({ github, context, core, body }) {
  const text = body.includes(MARKER) ? body : `${MARKER}\n${body}`;
  const place = { ...context.repo, issue_number: context.issue.number };
  try {
    const comments = await github.paginate(github.rest.issues.listComments, { ...place, per_page: 100 });
    const mine = comments.find((one) => one.user.type === "Bot" && one.body.startsWith(MARKER));
    if (mine) {
      await github.rest.issues.updateComment({ ...context.repo, comment_id: mine.id, body: text });
    } else {
      await github.rest.issues.createComment({ ...place, body: text });
    }
  } catch (error) {
    if (error.status !== 403) throw error;
    core.notice("the token may not comment here: the report is in the job's summary");
    await core.summary.addRaw(text).write();
  }
}

module.exports = { MARKER, write };
