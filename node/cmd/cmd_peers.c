#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/cmd/table.h"
#include "node/net/peerlist.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/parse.h"
#include "node/text/say.h"

#include <stdlib.h>

/*
 * Whom the running node talks to.
 */

static int print_json(const struct peerlist_row *rows, size_t n)
{
	json_t *list = json_array();
	json_t *o = json_object();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, peerlist_json(&rows[i]));
	json_put(&o, "schema", json_string("maillon.peers/1"));
	json_put(&o, "peers", list);
	return json_line(stdout, o);
}

static int print_table(const struct peerlist_row *rows, size_t n)
{
	struct table t;

	table_init(&t, "lllllrr");
	for (size_t i = 0; i < n; i++) {
		char last[TIME_SIZE] = "";

		if (rows[i].last_ms != 0)
			time_text(last, rows[i].last_ms);
		table_put(&t, rows[i].label);
		table_put(&t, rows[i].address);
		table_put(&t, peerlist_state(rows[i].state));
		table_put(&t, rows[i].in_step ? _("in step") : "");
		table_put(&t, last);
		table_number(&t, (int64_t)rows[i].bytes_in);
		table_number(&t, (int64_t)rows[i].bytes_out);
	}
	return table_print(&t, stdout);
}

static int run_peers(struct ctx *ctx, const struct args *args)
{
	struct peerlist_row *rows = NULL;
	size_t n = 0;
	int code = need_home(ctx);
	int err;

	(void)args;
	if (code != EXIT_DONE)
		return code;
	err = peerlist_ask(&rows, &n, ctx->home.socket);
	if (err == ERR_NOT_FOUND) {
		say_error(_("no node is running here; 'maillon up' starts it"));
		return EXIT_UNAVAILABLE;
	}
	if (err != 0) {
		say_error(_("the running node does not answer: %s"),
			  err_reason(err));
		return EXIT_UNAVAILABLE;
	}
	code = ctx->is_json ? print_json(rows, n) : print_table(rows, n);
	free(rows);
	return code;
}

const struct command cmd_peers = {
	.name = "peers",
	.run = run_peers,
	.usage = "",
	.summary = N_("show whom the running node talks to"),
	.detail = N_("Columns: label, address, state, whether both hold the "
		     "same, when it was last heard, bytes in, bytes out."),
	.options = (const struct option_rule[]){ { NULL, NULL, NULL } },
	.has_json = true,
};
