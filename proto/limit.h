#ifndef PROTO_LIMIT_H
#define PROTO_LIMIT_H

/*
 * limit -- every maximum of the protocol, with its reason.
 *
 * PROTOCOL.md, "Limits", has the same table.  A limit that bounds what a
 * stranger may send is never raised by configuration.
 */

/* An entry: small enough that a Pi holds thousands, large enough for an
 * attest of four hundred feeds. */
#define LIMIT_ENTRY 32768 /* bytes, signature included */
#define LIMIT_DEPTH 6     /* nested containers, the body being 1 */

/* Sequence numbers and times stay below 2^53 so that any JSON reader holds
 * them exactly. */
#define LIMIT_SEQ     ((1ULL << 53) - 1)
#define LIMIT_TIME_MS ((1ULL << 53) - 1)
#define LIMIT_KIND    65535

/* The quantities of one entry sum to at most 2^36 - 1, every line included, so
 * 2^27 entries (13 times the ten million a network is built for) sum below
 * 2^63.  The same for minor units of money. */
#define LIMIT_QTY ((1ULL << 36) - 1)

#define LIMIT_LINES     64   /* lines of one list; a delivery note's page */
#define LIMIT_FACTS     32   /* facts of one entry */
#define LIMIT_ITEM_PART 32   /* bytes of a product or of a revision */
#define LIMIT_ITEM      65   /* product, slash, revision */
#define LIMIT_LABEL     32   /* bytes */
#define LIMIT_NAME      64   /* bytes of UTF-8 */
#define LIMIT_PLACE     6    /* FR-974 */
#define LIMIT_ADDRESS   128  /* bytes of one tcp:// address */
#define LIMIT_ADDRESSES 8    /* of one node */
#define LIMIT_REASON    128  /* bytes of a published reason */
#define LIMIT_CHARTER   4096 /* bytes */
#define LIMIT_FOUNDERS  16   /* founding identities of a charter */
#define LIMIT_QUORUM    64   /* cosignatures a charter may ask for */
#define LIMIT_INVITE    1024 /* characters of a link; a QR code holds them */
#define LIMIT_PINS      512  /* pins or ids of one dismissal */
#define LIMIT_REFS      256  /* of one feed's records to one, in one way */
#define LIMIT_VERSIONS  256  /* that corrections make of one record */
#define LIMIT_SENDINGS  16   /* the same of one delivery */
#define LIMIT_LINKS     512  /* from a record to its root */
#define LIMIT_ROTATIONS 32   /* keys that follow a member's first one */

/* A lost key is followed by another when the association's feed holds so many
 * more checkpoints.  A node makes one an hour at most, and only when something
 * is new: half a day at the least, in which whoever is not lost can say so. */
#define ROTATION_CHECKPOINTS 12

/* Frames stay below what a heartbeat may have to wait behind on a slow link
 * (libzmq issue 2709), and one frame fits one credit grant. */
#define LIMIT_FRAME 65536
#define LIMIT_HEADS 512  /* rows of one HEADS or FETCH frame */
#define LIMIT_RUN   1024 /* entries of one run */
#define LIMIT_RUN_BYTES \
	65472 /* of one run: what LIMIT_FRAME leaves beside 64 of header */
#define LIMIT_EVIDENCE \
	(2 * LIMIT_RUN_BYTES + 64) /* two runs and what stands around */
#define LIMIT_PENDING \
	16 /* entries a waiting maker may leave with its inviter */

/* A session's window: two frames, so that one is always under way while the
 * other is written to disk; and what one peer may have in flight at most. */
#define LIMIT_CREDIT_MIN (2 * LIMIT_FRAME)
#define LIMIT_CREDIT_MAX (64 << 20)

#define LIMIT_BYE 128 /* bytes of text in BYE */

/* Every seq divisible by this must be validly signed by itself, so a replay
 * that checks one signature a feed never trusts more than this unsigned. */
#define SIGNED_EVERY 256

#endif
