#include "crypto/keyfile.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "maillon-key/1"

enum {
	SALT = crypto_pwhash_argon2id_SALTBYTES,
	NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	KEY = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
	CIPHER = KEYFILE_SECRET + crypto_aead_xchacha20poly1305_ietf_ABYTES,
	WORDS_MAX = 7
};

_Static_assert(SALT == 16 && NONCE == 24 && CIPHER == 48, "as keyfile.h says");

/* What a sealed file holds beside its kind. */
struct sealed {
	uint64_t ops;
	uint64_t mem_kib;
	uint8_t salt[SALT];
	uint8_t box[NONCE + CIPHER];
};

static bool is_kind(const char *kind)
{
	size_t n = strspn(kind, "abcdefghijklmnopqrstuvwxyz");

	return n > 0 && n <= KEYFILE_KIND_MAX && kind[n] == '\0';
}

static int stretch(uint8_t key[static KEY], const struct sealed *s,
		   const char *passphrase)
{
	int rc = crypto_pwhash_argon2id(key, KEY, passphrase,
					strlen(passphrase), s->salt, s->ops,
					(size_t)s->mem_kib * 1024,
					crypto_pwhash_argon2id_ALG_ARGON2ID13);

	/* The costs are within its limits, so it lacked memory. */
	return rc == 0 ? 0 : ERR_NOMEM;
}

static int seal_box(struct sealed *s, const char *kind,
		    const uint8_t secret[static KEYFILE_SECRET],
		    const char *passphrase)
{
	uint8_t key[KEY];
	int err = stretch(key, s, passphrase);

	if (err == 0)
		crypto_aead_xchacha20poly1305_ietf_encrypt(
			s->box + NONCE, NULL, secret, KEYFILE_SECRET,
			(const uint8_t *)kind, strlen(kind), NULL, s->box, key);
	sodium_memzero(key, sizeof(key));
	return err;
}

static int open_box(uint8_t secret[static KEYFILE_SECRET],
		    const struct sealed *s, const char *kind,
		    const char *passphrase)
{
	uint8_t plain[KEYFILE_SECRET];
	uint8_t key[KEY];
	int err = stretch(key, s, passphrase);

	if (err == 0 &&
	    crypto_aead_xchacha20poly1305_ietf_decrypt(
		    plain, NULL, NULL, s->box + NONCE, CIPHER,
		    (const uint8_t *)kind, strlen(kind), s->box, key) != 0)
		err = ERR_SIGNATURE;
	if (err == 0)
		memcpy(secret, plain, sizeof(plain));
	sodium_memzero(plain, sizeof(plain));
	sodium_memzero(key, sizeof(key));
	return err;
}

int keyfile_encode(char out[static KEYFILE_MAX], size_t *n, const char *kind,
		   const uint8_t secret[static KEYFILE_SECRET],
		   const struct keyfile_seal *seal)
{
	char hex[HEX_SIZE(NONCE + CIPHER)];
	char salt[HEX_SIZE(SALT)];
	struct sealed s;
	int err, len;

	assert(is_kind(kind));
	if (seal == NULL) {
		hex_encode(hex, secret, KEYFILE_SECRET);
		len = snprintf(out, KEYFILE_MAX, MAGIC " %s %s\n", kind, hex);
		sodium_memzero(hex, sizeof(hex));
		*n = (size_t)len;
		return 0;
	}

	assert(seal->ops >= 1 && seal->ops <= KEYFILE_OPS_MAX);
	assert(seal->mem_kib >= KEYFILE_MEM_MIN);
	assert(seal->mem_kib <= KEYFILE_MEM_MAX);
	s.ops = seal->ops;
	s.mem_kib = seal->mem_kib;
	randombytes_buf(s.salt, sizeof(s.salt));
	randombytes_buf(s.box, NONCE);
	err = seal_box(&s, kind, secret, seal->passphrase);
	if (err != 0)
		return err;
	hex_encode(salt, s.salt, sizeof(s.salt));
	hex_encode(hex, s.box, sizeof(s.box));
	len = snprintf(out, KEYFILE_MAX, MAGIC " %s sealed %u %u %s %s\n", kind,
		       (unsigned int)seal->ops, (unsigned int)seal->mem_kib,
		       salt, hex);
	*n = (size_t)len;
	return 0;
}

/* Cut t at every space; how many words, or 0 if more than WORDS_MAX. */
static size_t split(struct text w[static WORDS_MAX], struct text t)
{
	size_t n = 0;

	while (n < WORDS_MAX && text_cut(&t, &w[n], ' '))
		n++;
	if (n == WORDS_MAX)
		return 0;
	w[n] = t;
	return n + 1;
}

static int read_sealed(struct sealed *s, const struct text w[static 4])
{
	int err = dec_decode(&s->ops, KEYFILE_OPS_MAX, w[0].p, w[0].n);

	if (err != 0)
		return err;
	err = dec_decode(&s->mem_kib, KEYFILE_MEM_MAX, w[1].p, w[1].n);
	if (err != 0)
		return err;
	if (s->ops < 1 || s->mem_kib < KEYFILE_MEM_MIN)
		return ERR_FORMAT;
	err = hex_decode(s->salt, sizeof(s->salt), w[2].p, w[2].n);
	if (err != 0)
		return err;
	return hex_decode(s->box, sizeof(s->box), w[3].p, w[3].n);
}

static int read_clear(uint8_t secret[static KEYFILE_SECRET], struct text w)
{
	uint8_t plain[KEYFILE_SECRET];
	int err = hex_decode(plain, sizeof(plain), w.p, w.n);

	if (err == 0)
		memcpy(secret, plain, sizeof(plain));
	sodium_memzero(plain, sizeof(plain));
	return err;
}

int keyfile_decode(uint8_t secret[static KEYFILE_SECRET], const char *text,
		   size_t n, const char *kind, const char *passphrase)
{
	struct text w[WORDS_MAX];
	struct sealed s;
	size_t count;
	int err;

	assert(is_kind(kind));
	if (n == 0 || n >= KEYFILE_MAX || text[n - 1] != '\n')
		return ERR_FORMAT;
	count = split(w, (struct text){ text, n - 1 });
	if (count < 3 || !text_is(w[0], MAGIC) || !text_is(w[1], kind))
		return ERR_FORMAT;
	if (count == 3)
		return read_clear(secret, w[2]);
	if (count != WORDS_MAX || !text_is(w[2], "sealed"))
		return ERR_FORMAT;
	err = read_sealed(&s, w + 3);
	if (err != 0)
		return err;
	if (passphrase == NULL)
		return ERR_STATE;
	return open_box(secret, &s, kind, passphrase);
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_from_errno(errno);
		p += done;
		n -= (size_t)done;
	}
	return fsync(fd) == 0 ? 0 : err_from_errno(errno);
}

int keyfile_create(const char *path, const char *kind,
		   const uint8_t secret[static KEYFILE_SECRET],
		   const char *passphrase)
{
	struct keyfile_seal seal = { passphrase, KEYFILE_OPS, KEYFILE_MEM };
	char text[KEYFILE_MAX];
	size_t n;
	int fd = -1;
	int err = keyfile_encode(text, &n, kind, secret,
				 passphrase != NULL ? &seal : NULL);

	if (err != 0)
		return err;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		err = err_from_errno(errno);
		goto done;
	}
	err = write_all(fd, text, n);
	if (close(fd) != 0 && err == 0)
		err = ERR_IO;
	if (err == 0)
		err = file_sync_dir(path);
	if (err != 0)
		unlink(path);
done:
	sodium_memzero(text, sizeof(text));
	return err;
}

/* The start of the file at path, *n (0 before) bytes; KEYFILE_MAX of them
 * means too long a file. */
static int read_file(char text[static KEYFILE_MAX], size_t *n, const char *path)
{
	struct stat st;
	ssize_t done;
	int err = 0;
	/* Not blocking: the path could be a pipe that nobody writes to. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_from_errno(errno);
	if (fstat(fd, &st) != 0)
		err = ERR_IO;
	else if (!S_ISREG(st.st_mode))
		err = ERR_FORMAT;
	else if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		err = ERR_DENIED;
	while (err == 0 && *n < KEYFILE_MAX) {
		done = read(fd, text + *n, KEYFILE_MAX - *n);
		if (done == 0)
			break;
		if (done > 0)
			*n += (size_t)done;
		else if (errno != EINTR)
			err = ERR_IO;
	}
	close(fd);
	return err;
}

int keyfile_load(uint8_t secret[static KEYFILE_SECRET], const char *path,
		 const char *kind, const char *passphrase)
{
	char text[KEYFILE_MAX];
	size_t n = 0;
	int err = read_file(text, &n, path);

	if (err == 0)
		err = keyfile_decode(secret, text, n, kind, passphrase);
	sodium_memzero(text, sizeof(text));
	return err;
}

int file_sync_dir(const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[4096] = ".";
	size_t n = slash == NULL ? 1 : (size_t)(slash - path);
	int err = 0;
	int fd;

	if (n >= sizeof(dir))
		return ERR_IO;
	if (slash != NULL)
		memcpy(dir, path, n);
	if (n == 0)
		dir[n++] = '/';
	dir[n] = '\0';
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_from_errno(errno);
	/* EINVAL: a file system that has no such thing to sync. */
	if (fsync(fd) != 0 && errno != EINVAL)
		err = ERR_IO;
	close(fd);
	return err;
}
