#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

static void hash(const char *name)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int len;

	if (!EVP_Digest("abc", 3, md, &len, EVP_get_digestbyname(name), NULL))
		return;
	printf("%s ", name);
	for (unsigned int i = 0; i < len; i++)
		printf("%02x", md[i]);
	printf("\n");
}

/* A certificate for a key of our own. */
static X509 *self_signed(EVP_PKEY *key)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);

	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const unsigned char *)"guest", -1, -1, 0);
	X509_set_issuer_name(x, name);
	X509_set_pubkey(x, key);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	return X509_sign(x, key, EVP_sha256()) ? x : NULL;
}

/* Both ends of a connection in one program, over memory. */
static const char *handshake(int version)
{
	static const char *result;
	EVP_PKEY *key = EVP_EC_gen("P-256");
	SSL_CTX *sctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX *cctx = SSL_CTX_new(TLS_client_method());
	SSL *s, *c;
	BIO *sb, *cb;
	char buf[16] = "";

	if (!key || !SSL_CTX_use_PrivateKey(sctx, key) ||
	    !SSL_CTX_use_certificate(sctx, self_signed(key)))
		return "no key";
	SSL_CTX_set_max_proto_version(cctx, version);
	s = SSL_new(sctx);
	c = SSL_new(cctx);
	BIO_new_bio_pair(&sb, 0, &cb, 0);
	SSL_set_bio(s, sb, sb);
	SSL_set_bio(c, cb, cb);
	SSL_set_accept_state(s);
	SSL_set_connect_state(c);
	for (int i = 0; i < 20; i++) {
		SSL_do_handshake(c);
		SSL_do_handshake(s);
	}
	if (SSL_write(c, "hello", 5) != 5 || SSL_read(s, buf, 15) != 5)
		return "no connection";
	result = strcmp(buf, "hello") ? "garbled" : SSL_get_version(c);
	printf("%s %s\n", result, SSL_get_cipher(c));
	return result;
}

int main(void)
{
	unsigned char a[32], b[32];

	hash("SHA256");
	hash("SHA512");
	hash("SHA3-256");
	if (RAND_bytes(a, 32) != 1 || RAND_bytes(b, 32) != 1)
		return 1;
	printf("random numbers %s\n", memcmp(a, b, 32) ? "differ" : "repeat");
	puts(handshake(TLS1_3_VERSION));
	puts(handshake(TLS1_2_VERSION));
	return 0;
}
