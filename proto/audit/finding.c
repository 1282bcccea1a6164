#include "proto/audit/finding.h"

/* Marks what node/ has translated. */
#define N_(sentence) sentence

static const struct {
	const char *name;
	enum severity severity;
	const char *sentence;
} codes[FINDING_CODES] = {
	[AUT_01] = { "AUT-01", SEVERITY_EXPLAIN,
		     N_("{n} records of {who} are of a kind that its "
			"role may not record: they change nothing.") },
	[DES_01] = { "DES-01", SEVERITY_EXPLAIN,
		     N_("{who} made {n} {item} after that revision was "
			"rejected or withdrawn: it may not have heard of "
			"it.") },
	[DES_02] = { "DES-02", SEVERITY_EXPLAIN,
		     N_("{who} made {n} {item}, a revision that nobody "
			"has approved as far as is known here, when another "
			"revision of it was approved already.") },
	[DES_03] = { "DES-03", SEVERITY_EXPLAIN,
		     N_("{who} delivered {n} {item} for good after that "
			"revision was rejected or withdrawn.") },
	[DES_04] = { "DES-04", SEVERITY_EXPLAIN,
		     N_("Two members recorded different design files for "
			"{item}: nobody can tell which one was printed.") },
	[DLV_01] = { "DLV-01", SEVERITY_LAG,
		     N_("{n} deliveries by {who} have been waiting for "
			"an answer for more than 30 days.") },
	[DLV_02] = { "DLV-02", SEVERITY_LAG,
		     N_("{n} deliveries by {who} have expired: nobody "
			"said in 180 days what became of them.") },
	[DLV_03] = { "DLV-03", SEVERITY_EXPLAIN,
		     N_("{who} entered {n} signed papers for deliveries that "
			"it sent or carried itself, or whose sender, as far "
			"as is known here, alone vouches for it: they count "
			"as claims only.") },
	[DLV_04] = { "DLV-04", SEVERITY_LAG,
		     N_("{n} losses on the way are known from {who} alone, "
			"who sent the goods: a document, or a word of who "
			"carried or awaited them, would bear it out.") },
	[DLV_05] = { "DLV-05", SEVERITY_EXPLAIN,
		     N_("{who} acknowledged {n} deliveries of an "
			"association that, as far as is known here, alone "
			"vouches for it: they count as claims only.") },
	[DLV_06] = { "DLV-06", SEVERITY_EXPLAIN,
		     N_("{who} acknowledged {n} deliveries for good, and is a "
			"maker or courier, as far as is known here: these hand "
			"goods on, and who keeps them is a recipient.") },
	[DUP_01] = { "DUP-01", SEVERITY_EXPLAIN,
		     N_("{n} {item} made by {who} were perhaps recorded "
			"before, on its behalf: the same goods may be "
			"counted twice.") },
	[DUP_02] = { "DUP-02", SEVERITY_EXPLAIN,
		     N_("{n} records of {who} repeat a key that it used "
			"before: only the first one with each key counts.") },
	[DUP_03] = { "DUP-03", SEVERITY_EXPLAIN,
		     N_("{who} recorded the same spending twice, of one "
			"amount, from one fund and with one document.") },
	[DUP_04] = { "DUP-04", SEVERITY_EXPLAIN,
		     N_("{who} recorded two gifts with the reference "
			"{item}: it may be one gift, counted twice.") },
	[DUP_05] = { "DUP-05", SEVERITY_EXPLAIN,
		     N_("The serial number of {item} was made twice: a "
			"thing that is unique is made once.") },
	[DUP_06] = { "DUP-06", SEVERITY_EXPLAIN,
		     N_("{who} recorded {n} {item} as supplied by a member "
			"whose own delivery of some to {who} still waits to be "
			"received: the same goods may be counted twice.") },
	[DUP_07] = { "DUP-07", SEVERITY_EXPLAIN,
		     N_("One signed paper was entered for {n} deliveries of "
			"{item} that differ in sender, addressee or day: it is "
			"signed for what came with it.") },
	[DUP_08] = { "DUP-08", SEVERITY_EXPLAIN,
		     N_("{n} corrections by {who} compete with another one of "
			"the same delivery: the one with the smallest id "
			"counts, whatever others had answered.") },
	[DUP_10] = { "DUP-10", SEVERITY_EXPLAIN,
		     N_("{n} records of {who} say exactly what another "
			"one says, at the same moment, or on the same day with "
			"the same delivery note: they may be repeats.") },
	[DUP_11] = { "DUP-11", SEVERITY_EXPLAIN,
		     N_("{n} members of one association are called {who}: "
			"if they are one person, its figures may stand here "
			"twice.") },
	[FIN_01] = { "FIN-01", SEVERITY_EXPLAIN,
		     N_("From one of its funds {who} has spent {n} {item} "
			"cents more than was given to it: a gift may not be "
			"recorded, or not be here yet.") },
	[FIN_02] = { "FIN-02", SEVERITY_EXPLAIN,
		     N_("{n} spendings of {who} for its upkeep or to raise "
			"money were paid from {item}, a fund of gifts for a "
			"campaign.") },
	[FIN_04] = { "FIN-04", SEVERITY_EXPLAIN,
		     N_("A bank statement of {who} begins {n} {item} "
			"cents away from where the one before it ended.") },
	[FIN_05] = { "FIN-05", SEVERITY_EXPLAIN,
		     N_("For {item} the bank statements and the records "
			"of {who} differ by {n} cents: a gift, a "
			"spending or a fee is missing in one of them, or not "
			"here yet.") },
	[FIN_06] = { "FIN-06", SEVERITY_LAG,
		     N_("{n} spendings of {who} have no document "
			"attached yet.") },
	[FIN_07] = { "FIN-07", SEVERITY_BREACH,
		     N_("The balances that {who} froze for {item} are "
			"not those of the records it had read.") },
	[ITM_01] = { "ITM-01", SEVERITY_EXPLAIN,
		     N_("{item} was declared in two ways that do not "
			"agree: the one by the member nearest to the "
			"founders holds.") },
	[ITM_02] = { "ITM-02", SEVERITY_EXPLAIN,
		     N_("{who} delivered {n} {item} as a service, which nobody "
			"has declared it to be, as far as is known here: goods "
			"are made before they are delivered.") },
	[KEY_01] = { "KEY-01", SEVERITY_EXPLAIN,
		     N_("{n} entries of {who} stand after the last one "
			"that counts since its dismissal: 'release' lets "
			"honest ones count.") },
	[KEY_02] = { "KEY-02", SEVERITY_EXPLAIN,
		     N_("The feed {who} belongs to nobody whose admission is "
			"known here: its {n} entries do not count.") },
	[KEY_04] = { "KEY-04", SEVERITY_EXPLAIN,
		     N_("{who} has {n} nodes: more than 64 is more than "
			"anybody needs. All of them count.") },
	[KEY_05] = { "KEY-05", SEVERITY_EXPLAIN,
		     N_("{n} entries of {who} do not count: another identity "
			"key has followed the one that opened their feed, "
			"which was not to go on so far. Perhaps an old machine "
			"or backup was used again, perhaps somebody else has "
			"the old key.") },
	[KEY_06] = { "KEY-06", SEVERITY_EXPLAIN,
		     N_("One identity key of {who} signed in {n} entries for "
			"more than one key to follow it: perhaps two machines "
			"each made one, perhaps it is in two hands. The "
			"association says which counts.") },
	[LOG_01] = { "LOG-01", SEVERITY_BREACH,
		     N_("Entry {n} of {who} does not continue the entry before "
			"it: the feed counts up to there.") },
	[LOG_02] = { "LOG-02", SEVERITY_BREACH,
		     N_("Entry {n} of {who} does not carry a valid signature: "
			"it was altered, or never signed by that key. The feed "
			"counts up to there.") },
	[LOG_03] = { "LOG-03", SEVERITY_BREACH,
		     N_("Entry {n} of {who} is missing while later ones are "
			"here: the feed counts up to there.") },
	[LOG_04] = { "LOG-04", SEVERITY_BREACH,
		     N_("A checkpoint of {who}, at {n} entries, is not that of "
			"the entries it attests.") },
	[LOG_05] = { "LOG-05", SEVERITY_BREACH,
		     N_("Entry {n} of {who} is not written as the protocol "
			"says: the feed counts up to there.") },
	[LOG_10] = { "LOG-10", SEVERITY_BREACH,
		     N_("The feed of {who} has two different signed entries "
			"{n}: perhaps a machine or its memory card was copied "
			"and both went on, perhaps two stories were told. It "
			"ends before them unless its association says which "
			"counts.") },
	[LOG_11] = { "LOG-11", SEVERITY_BREACH,
		     N_("Two signed statements about the first {n} entries "
			"attested by {who} do not agree: somebody was shown "
			"another history, or one of those who signed says what "
			"is not so.") },
	[LOG_12] = { "LOG-12", SEVERITY_BREACH,
		     N_("A checkpoint of {who} covers {n} entries, fewer than "
			"one it made before.") },
	[LOG_13] = { "LOG-13", SEVERITY_EXPLAIN,
		     N_("A feed of {who} was closed before entries of it that "
			"were attested already: they count nowhere now. So is "
			"the feed of a stolen machine; a 'release' lets honest "
			"entries count, and may not be here yet.") },
	[LOG_20] = { "LOG-20", SEVERITY_LAG,
		     N_("No quorum of witnesses has cosigned any of the {n} "
			"checkpoints of {who} yet: when its entries were made "
			"nobody else vouches for.") },
	[LOG_21] = { "LOG-21", SEVERITY_LAG,
		     N_("The newest {n} checkpoints of {who} wait for a "
			"quorum of witnesses: the last one came more than 30 "
			"days ago.") },
	[QTY_01] = { "QTY-01", SEVERITY_EXPLAIN,
		     N_("The stock of {item} held by {who} falls {n} below "
			"zero: a record may be missing or not here yet.") },
	[QTY_02] = { "QTY-02", SEVERITY_BREACH,
		     N_("More came of a delivery by {who} than was sent in it, "
			"as its record says now: accepted, refused and lost "
			"exceed it, or {who} took back what others had "
			"answered for.") },
	[QTY_04] = { "QTY-04", SEVERITY_BREACH,
		     N_("{n} records of {who} say what no record may say, a "
			"quantity of zero or above the limit for instance: "
			"they do not count.") },
	[QTY_10] = { "QTY-10", SEVERITY_EXPLAIN,
		     N_("{who} recorded {n} {item} as made, of a lot "
			"that it was also sent: goods that pass through "
			"are not made again.") },
	[QTY_11] = { "QTY-11", SEVERITY_EXPLAIN,
		     N_("{who} made {item} and took {n} parts fewer off "
			"its shelf than the bill of materials names.") },
	[QTY_20] = { "QTY-20", SEVERITY_EXPLAIN,
		     N_("The material of {n} productions of {item} by "
			"{who} does not fit the number of pieces and "
			"what one weighs.") },
	[QTY_21] = { "QTY-21", SEVERITY_EXPLAIN,
		     N_("In {n} productions of {item} by {who} a printer "
			"put down more than a gram a second: no printer "
			"does.") },
	[QTY_22] = { "QTY-22", SEVERITY_EXPLAIN,
		     N_("{who} made {n} {item}: more than a thousand "
			"times what is usual for it.") },
	[REF_01] = { "REF-01", SEVERITY_LAG,
		     N_("A record by {who} refers to an entry that is not "
			"here, or does not count.") },
	[TIM_01] = { "TIM-01", SEVERITY_EXPLAIN,
		     N_("{n} entries of {who} say a time that the "
			"charter and the witnesses rule out: a clock was "
			"wrong.") },
	[TIM_02] = { "TIM-02", SEVERITY_EXPLAIN,
		     N_("The clock of {who} went back {n} times by more "
			"than ten minutes.") },
	[TIM_03] = { "TIM-03", SEVERITY_EXPLAIN,
		     N_("{n} records of {who} say that something "
			"happened after it was recorded.") },
	[TIM_11] = { "TIM-11", SEVERITY_EXPLAIN,
		     N_("{n} records of {who} are dated in a period of "
			"the accounts that was closed before.") },
};

const char *finding_name(enum finding_code code)
{
	return codes[code].name;
}

enum severity finding_severity(enum finding_code code)
{
	return codes[code].severity;
}

char severity_letter(enum severity s)
{
	return "EWL"[s];
}

/* Nobody can say which chain of it counts. */
static const char begun_twice[] =
	N_("A feed of {who} was begun twice: perhaps its home was copied "
	   "before it joined, and both joined. Nothing in it counts; each copy "
	   "records again what it had there. Its association says how it came "
	   "about.");

/* What is said of one. */
static const char *const ones[FINDING_CODES] = {
	[AUT_01] = N_("A record of {who} is of a kind that its role may not "
		      "record: it changes nothing."),
	[DLV_01] = N_("A delivery by {who} has been waiting for an answer for "
		      "more than 30 days."),
	[DLV_02] = N_("A delivery by {who} has expired: nobody said in 180 "
		      "days what became of it."),
	[DLV_03] =
		N_("{who} entered a signed paper for a delivery that it sent "
		   "or carried itself, or whose sender, as far as is known "
		   "here, alone vouches for it: it counts as a claim only."),
	[DLV_04] = N_("A loss on the way is known from {who} alone, who sent "
		      "the goods: a document, or a word of who carried or "
		      "awaited them, would bear it out."),
	[DLV_05] = N_("{who} acknowledged a delivery of an association that, "
		      "as far as is known here, alone vouches for it: it "
		      "counts as a claim only."),
	[DLV_06] =
		N_("{who} acknowledged a delivery for good, and is a maker or "
		   "courier, as far as is known here: these hand goods on, "
		   "and who keeps them is a recipient."),
	[DUP_02] = N_("A record of {who} repeats a key that it used before: "
		      "only the first one with each key counts."),
	[DUP_08] = N_("A correction by {who} competes with another one of the "
		      "same delivery: the one with the smallest id counts, "
		      "whatever others had answered."),
	[DUP_10] = N_("A record of {who} says exactly what another one says, "
		      "at the same moment, or on the same day with the same "
		      "delivery note: it may be a repeat."),
	[FIN_02] = N_("A spending of {who} for its upkeep or to raise money "
		      "was paid from {item}, a fund of gifts for a campaign."),
	[FIN_06] = N_("A spending of {who} has no document attached yet."),
	[KEY_01] = N_("An entry of {who} stands after the last one that counts "
		      "since its dismissal: 'release' lets honest ones count."),
	[KEY_02] = N_("The feed {who} belongs to nobody whose admission is "
		      "known here: its entry does not count."),
	[KEY_05] = N_("An entry of {who} does not count: another identity key "
		      "has followed the one that opened its feed, which was "
		      "not to go on so far. The old key may be in other hands, "
		      "or an old machine or backup was used again."),
	[LOG_20] = N_(
		"No quorum of witnesses has cosigned the checkpoint of {who} "
		"yet: when its entries were made nobody else vouches for."),
	[LOG_21] = N_("The newest checkpoint of {who} waits for a quorum of "
		      "witnesses: the last one came more than 30 days ago."),
	[QTY_04] = N_(
		"A record of {who} says what no record may say, a quantity of "
		"zero or above the limit for instance: it does not count."),
	[QTY_11] = N_("{who} made {item} and took one part fewer off its shelf "
		      "than the bill of materials names."),
	[QTY_20] = N_("The material of a production of {item} by {who} does "
		      "not fit the number of pieces and what one weighs."),
	[QTY_21] = N_("In a production of {item} by {who} a printer put down "
		      "more than a gram a second: no printer does."),
	[TIM_01] = N_("An entry of {who} says a time that the charter and the "
		      "witnesses rule out: a clock was wrong."),
	[TIM_02] = N_(
		"The clock of {who} went back once by more than ten minutes."),
	[TIM_03] = N_("A record of {who} says that something happened after it "
		      "was recorded."),
	[TIM_11] = N_("A record of {who} is dated in a period of the accounts "
		      "that was closed before."),
};

const char *finding_sentence(const struct finding *f)
{
	if (f->code == LOG_10 && f->amount == 1)
		return begun_twice;
	if (f->amount == 1 && ones[f->code] != NULL)
		return ones[f->code];
	return codes[f->code].sentence;
}
