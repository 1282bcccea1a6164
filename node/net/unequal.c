#include "node/net/unequal.h"

#include "crypto/err.h"
#include "node/text/i18n.h"
#include "node/text/party.h"

#include <stdio.h>
#include <string.h>

void unequal_look(struct unequal *out, const struct session *s)
{
	memset(out, 0, sizeof(*out));
	if (s == NULL || !session_is_stuck(s))
		return;
	out->is_known = true;
	out->n = session_differs(s, &out->has_other, out->row);
}

void unequal_put(struct wr *w, const struct unequal *u)
{
	wr_array(w, 3);
	wr_uint(w, u->is_known);
	wr_uint(w, u->has_other);
	wr_array(w, (uint32_t)u->n);
	for (size_t i = 0; i < u->n; i++) {
		const struct session_differ *x = &u->row[i];

		wr_array(w, 4);
		wr_bin(w, x->feed.b, KEY_SIZE);
		wr_uint(w, x->is_evidence);
		wr_uint(w, x->here);
		wr_uint(w, x->there);
	}
}

void unequal_get(struct rd *r, struct unequal *out)
{
	memset(out, 0, sizeof(*out));
	if (rd_array(r, 3) != 3)
		rd_fail(r, ERR_FORMAT);
	out->is_known = rd_uint(r, 1) == 1;
	out->has_other = rd_uint(r, 1) == 1;
	out->n = rd_array(r, SESSION_DIFFERS);
	for (size_t i = 0; i < out->n; i++) {
		struct session_differ *x = &out->row[i];

		if (rd_array(r, 4) != 4)
			rd_fail(r, ERR_FORMAT);
		rd_fixed(r, x->feed.b, KEY_SIZE);
		x->is_evidence = rd_uint(r, 1) == 1;
		x->here = rd_uint(r, UINT64_MAX);
		x->there = rd_uint(r, UINT64_MAX);
	}
}

static void evidence_text(char *out, size_t n, const struct session_differ *x,
			  const char *feed)
{
	unsigned long long here = x->here, there = x->there;

	if (there == 0)
		snprintf(out, n,
			 _("there it is not taken in that feed %s ends at "
			   "entry %llu"),
			 feed, here);
	else if (here == 0)
		snprintf(out, n,
			 _("here it is not taken in that feed %s ends at "
			   "entry %llu"),
			 feed, there);
	else
		snprintf(out, n,
			 _("feed %s ends at entry %llu here, %llu there"), feed,
			 here, there);
}

static void row_text(char *out, size_t n, const struct session_differ *x,
		     const struct roster *r)
{
	unsigned long long here = x->here, there = x->there;
	char feed[REF_TEXT];

	feed_text(feed, r, &x->feed);
	if (x->is_evidence)
		evidence_text(out, n, x, feed);
	else if (here == 0)
		snprintf(out, n,
			 _("of feed %s nothing here, up to entry %llu there"),
			 feed, there);
	else if (there == 0)
		snprintf(out, n,
			 _("of feed %s up to entry %llu here, nothing there"),
			 feed, here);
	else if (here == there)
		snprintf(out, n,
			 _("of feed %s up to entry %llu here and there, but "
			   "not the same ones"),
			 feed, here);
	else
		snprintf(out, n,
			 _("of feed %s up to entry %llu here, %llu there"),
			 feed, here, there);
}

void unequal_text(char out[static UNEQUAL_TEXT], const struct unequal *u,
		  const struct roster *r)
{
	size_t at = 0;

	if (u->n == 0)
		snprintf(out, UNEQUAL_TEXT, "%s",
			 u->has_other
				 ? _("the same entries, and another list of "
				     "members")
				 : _("it cannot be told in which feed"));
	for (size_t i = 0; i < u->n && at + 4 < UNEQUAL_TEXT; i++) {
		if (i > 0)
			at += (size_t)snprintf(out + at, UNEQUAL_TEXT - at,
					       "; ");
		row_text(out + at, UNEQUAL_TEXT - at, &u->row[i], r);
		at += strlen(out + at);
	}
}

json_t *unequal_json(const struct unequal *u)
{
	json_t *out = json_object(), *list = json_array();

	for (size_t i = 0; i < u->n; i++) {
		const struct session_differ *x = &u->row[i];
		json_t *o = json_object();

		json_put(&o, "feed", json_key(&x->feed));
		json_put(&o, "what",
			 json_string(x->is_evidence ? "evidence" : "entries"));
		json_put(&o, "here", json_integer((json_int_t)x->here));
		json_put(&o, "there", json_integer((json_int_t)x->there));
		json_push(&list, o);
	}
	json_put(&out, "members", json_boolean(u->has_other));
	json_put(&out, "feeds", list);
	if (u->is_known)
		return out;
	json_decref(out);
	return json_null();
}
