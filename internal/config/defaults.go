package config

import (
	"fmt"
	"strings"
	"sync"
)

// plainFile sets no key that has a default. It has the sections that are needed to see the defaults of
// keys inside them.
const plainFile = `service: app
image: app
servers: {web: {hosts: [host]}}
registry: {server: registry, username: user, password: [PASSWORD]}
builder: {arch: amd64}
proxy: {host: host, buffering: {}}
accessories: {db: {image: image, host: host}}
`

// schemaKeys replaces keys of plainFile by the keys of the reference.
var schemaKeys = strings.NewReplacer("servers/web/proxy/", "proxy/", "servers/web/", "servers/<role>/", "accessories/db/", "accessories/<name>/")

// defaults returns the defaults of keys as text, by key of the reference: the values that the program
// uses for plainFile.
var defaults = sync.OnceValue(func() map[string]string {
	c, err := Load(LoadOptions{ReadFile: func(string) ([]byte, error) { return []byte(plainFile), nil }})
	if err != nil {
		panic(err) // the file is above
	}
	all := map[string]string{}
	for _, s := range c.All().Settings() {
		if s.Default {
			all[schemaKeys.Replace(s.Key)] = fmt.Sprint(s.Value)
		}
	}
	return all
})
