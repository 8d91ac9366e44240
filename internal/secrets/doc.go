// Package secrets reads the secrets files: <path>-common, then <path>, or <path>.<destination>
// with a destination. They are dotenv files whose values may come from the environment or from
// commands such as a password manager's. Nothing is read, and no command runs, before a secret
// is asked for; then everything is, once. An error tells file and line, never a value.
package secrets
