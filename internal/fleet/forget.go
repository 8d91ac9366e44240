package fleet

// Forget ends the connections to hosts. The next work there logs in anew, with whatever rights
// the user has been given since.
func (f *Fleet) Forget(names ...string) {
	for _, name := range names {
		f.place(name).close()
	}
}
