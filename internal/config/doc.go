// Package config loads config/deploy.yml: it merges the destination over the base, checks every
// key, reports all problems of the file at once, and returns a Project in which every default is
// filled in and every setting of a role is merged. It reads files,
// and asks for what their templates ask for, and nothing else.
package config
