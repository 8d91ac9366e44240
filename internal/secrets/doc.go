// Package secrets reads the secrets files: <path>-common, then <path>, or <path>.<destination> with a destination.
// They are dotenv files whose values may come from the environment or from commands, such as those of a password
// manager. The files are read, and their commands run, once, when the first secret is requested. Errors have file
// and line, and never a value.
package secrets
