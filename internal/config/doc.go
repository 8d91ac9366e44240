// Package config loads config/deploy.yml: it merges the destination over the base, checks every
// key, reports all problems of the file at once, and returns a Project in which every default is
// filled in and every setting of a role is merged. Its only I/O is to read these files and what their
// templates read.
package config
